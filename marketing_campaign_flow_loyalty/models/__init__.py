from . import flow_coupon_holder, loyalty_card, mailing_contact, mailing_mailing, res_partner
