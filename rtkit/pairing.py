"""Which response answers which question: the exchanges of a conversation, as its items come.

A question is open until a response begins; what is said before that belongs to it. A tool's output,
a response that failed and one that broke off with the connection let the next response answer the
same question.
"""

from __future__ import annotations

from .items import Exchange, Item, Response


class Pairing:
    """The exchanges so far, and the question that is open."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self._asked: set[str] = set()  # user items that have their exchange
        self._open: Exchange | None = None  # asked, not yet answered
        self._continues = False  # the next response answers the same question

    def ask(self, item: Item) -> None:
        """The user said this; told again, it is no second question."""
        if item.id in self._asked:
            return
        if self._open is None:
            self._open = self._new()
        self._open.asked.append(item.id)
        self._asked.add(item.id)

    def _new(self) -> Exchange:
        exchange = Exchange()
        self.exchanges.append(exchange)
        return exchange

    def put(self, item: Item) -> None:
        """An assistant's message that the client put there itself closes the question."""
        if item.response_id is None and self._open is not None:
            self._open.answered.append(item.id)
            self._open = None

    def begin(self, response_id: str) -> None:
        """A response begins."""
        if self._open is not None:
            exchange = self._open
        elif self._continues and self.exchanges:
            exchange = self.exchanges[-1]
        else:
            exchange = self._new()
        exchange.response_ids.append(response_id)
        self._open, self._continues = None, False

    def go_on(self) -> None:
        """The next response answers the same question once more."""
        self._continues = True

    def returned(self, at: float) -> None:
        """The output of a tool was sent at this instant."""
        self.go_on()
        if self.exchanges:
            self.exchanges[-1].returned = at

    def lose(self, response: Response) -> None:
        """A response broke off and is asked for again."""
        for exchange in self.exchanges:
            if response.id in exchange.response_ids:
                exchange.response_ids.remove(response.id)
                exchange.answered = [i for i in exchange.answered if i not in response.item_ids]
                if exchange.asked and self._open is None:
                    self._open = exchange
                self.go_on()

    def of_response(self, response_id: str) -> Exchange | None:
        found = (one for one in reversed(self.exchanges) if response_id in one.response_ids)
        return next(found, None)
