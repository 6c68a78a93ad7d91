from . import api, document, tracker, tracking, unsubscribe
