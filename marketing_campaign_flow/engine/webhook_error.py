"""What can be wrong with a webhook, as a code that its action puts into the user's language."""


class WebhookError(Exception):
    """A webhook that cannot be called, or a call that has failed.

    :param code: what is wrong; `flow.action._webhook_words` has the words for it
    :param value: what it is wrong with
    :param again: whether a later call may succeed
    """

    def __init__(self, code: str, value="", again: bool = False):
        super().__init__(code, value)
        self.code, self.value, self.again = code, str(value), again

    def in_words(self, words: dict[str, str]) -> str:
        """Return a sentence; `words` has one per code, with ``%s`` for the value."""
        return words[self.code].replace("%s", self.value)
