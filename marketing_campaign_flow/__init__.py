from . import controllers, engine, models
from . import actions  # the kinds extend flow.action, which models define
from . import report, wizard
from .hooks import uninstall_hook
