"""The ears and the voice of the embedded server: recognition and synthesis of speech, offline.

Importing this package loads nothing; its modules load their engines when they are first used.
"""
