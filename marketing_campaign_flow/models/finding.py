"""What the check of a campaign finds: a sentence that knows where it is mended."""


class Finding(str):
    """A sentence for the designer of a campaign.

    It is its own words: whoever reads or joins sentences needs to know nothing more, and an
    extension may as well return plain text, to which those who ask for it add what it is about.

    :ivar part: the state, action or transition that it is about
    :ivar record: what is opened to mend it
    :ivar page: the tab of the record's form where that is
    :ivar field: the field of the form
    :ivar action: the external id of an action that is opened instead of the record
    :ivar method: a method of the record, and `label` for its button, that mends it in one step
    """

    __slots__ = ("action", "field", "label", "method", "page", "part", "record")

    def __new__(cls, text, record=None, **where):
        finding = super().__new__(cls, text)
        for name in cls.__slots__:
            setattr(finding, name, where.get(name) or getattr(text, name, None))
        finding._add(record)
        return finding

    def _add(self, record):
        """Note a record; the first one is the closest to what is wrong."""
        if record:
            if self.record is None:
                self.record = record
            if self.part is None and getattr(record, "_PART", None):
                self.part = record


def about(record, sentences, **where):
    """Return sentences as findings about a record, unless they say themselves what they are about.

    :param sentences: plain text or findings
    :param where: what else a `Finding` has
    """
    return [Finding(sentence, record, **where) for sentence in sentences]
