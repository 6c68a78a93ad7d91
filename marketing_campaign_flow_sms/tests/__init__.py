from . import test_sms, test_trial_sms
