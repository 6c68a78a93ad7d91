"""Wanted: whether something that is to be tried again is still to be done.

It was being done when its participant went on. Had it still been planned, leaving the state or the
campaign would have cancelled it; so it gets no second attempt either.
"""

# Whether step ``s`` of participant ``p`` is no longer wanted. Who was taken out of the campaign
# gets nothing more, not even from a person; who ended otherwise than by the workflow gets only what
# a person sends; who went on gets what was to be done on the way, and what runs also when the state
# was left.
UNWANTED = """
    CASE WHEN p.end_kind = 'stopped' THEN TRUE
         WHEN EXISTS (SELECT FROM flow_action a WHERE a.id = s.action_id AND a.is_manual) THEN FALSE
         WHEN p.end_kind NOT IN ('goal', 'exit', 'done') THEN TRUE
         WHEN s.transition_id IS NOT NULL THEN FALSE
         WHEN p.status = 'active' AND p.visit = s.visit THEN FALSE
         ELSE NOT EXISTS (SELECT FROM flow_action a
                           WHERE a.id = s.action_id AND a.keep_after_leaving) END
"""
