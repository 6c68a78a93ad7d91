from . import api, tracking, unsubscribe
