from . import tracker, tracking, unsubscribe
