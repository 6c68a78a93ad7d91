from . import api, tracker, tracking, unsubscribe
