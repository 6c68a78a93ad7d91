from . import actions, models
