"""Who can reach an address: a server that other machines can speak to must demand a key."""

from __future__ import annotations

import asyncio
import socket
from ipaddress import ip_address

from rtkit.errors import ConfigError


async def addresses(host: str) -> list[str]:
    """The IP addresses that listening at `host` means; OSError for a name that nobody knows."""
    found = await asyncio.get_running_loop().getaddrinfo(
        host or None, 0, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    return list(dict.fromkeys(str(address[0]).partition("%")[0] for *_, address in found))


async def require_key(host: str, api_key: str | None) -> None:
    """ConfigError when other machines could come in at `host` and no key is demanded of them."""
    if api_key:
        return
    outside = [found for found in await addresses(host) if not ip_address(found).is_loopback]
    if outside:
        named = host if host in outside else f"{host or 'every address'} ({', '.join(outside)})"
        raise ConfigError(
            f"a server at {named} can be reached from other machines, and it would demand no "
            "key. Give it one: RTKIT_API_KEY or --api-key for rtkit serve, "
            "ServerOptions(api_key=...) in Python. Or let it listen at 127.0.0.1, which only "
            "this machine can reach."
        )
