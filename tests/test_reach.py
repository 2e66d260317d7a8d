import asyncio
import socket

import pytest

from rtkit.errors import ConfigError
from rtkit.server.reach import addresses, require_key


@pytest.mark.parametrize("host", ["0.0.0.0", "", "::", "192.0.2.7", "8.8.8.8"])
def test_where_other_machines_can_come_in_a_key_is_demanded(host):
    with pytest.raises(ConfigError, match="RTKIT_API_KEY"):
        asyncio.run(require_key(host, None))
    with pytest.raises(ConfigError, match=r"127\.0\.0\.1"):
        asyncio.run(require_key(host, ""))
    asyncio.run(require_key(host, "secret-of-mine"))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "127.0.0.9", "::1", "localhost"])
def test_on_this_machine_alone_no_key_is_needed(host):
    asyncio.run(require_key(host, None))


def test_a_name_counts_for_the_addresses_behind_it(monkeypatch):
    async def story():
        loop = asyncio.get_running_loop()

        async def names(host, port, **_):
            assert host == "workstation.lan"
            return [(None, None, None, "", ("127.0.1.1", 0)), (None, None, None, "", OUTSIDE)]

        monkeypatch.setattr(loop, "getaddrinfo", names)
        with pytest.raises(ConfigError, match=r"workstation\.lan \(fe80::1\)"):
            await require_key("workstation.lan", None)

    OUTSIDE = ("fe80::1%eth0", 0, 0, 2)
    asyncio.run(story())


def test_a_name_that_nobody_knows_is_an_error_of_the_system():
    with pytest.raises(socket.gaierror):
        asyncio.run(addresses("no-such-host.invalid"))
