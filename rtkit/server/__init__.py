"""The embedded realtime server: the GA wire protocol, real hearing and speech, a small brain.

`core` decides (no socket, no clock); `visit`, `ears` and `serve` carry out; `local` runs the same
server inside a process for `rtkit.connect`.
"""
