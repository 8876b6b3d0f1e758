"""Keepers over Redis: a herald that says when, and workers on any number of machines.

Each keeper has a stream of triggers, one for each block. Whoever has the lease of its key reads
them, decides, signs and sends. The lease carries a fencing token, and all that a keeper writes down
is written to Redis only while its token is the newest (`RedisJournal`). As a transaction is written
down, signed, before it is sent, a worker that was paused and has lost its lease sends nothing new:
at most the same bytes again, which the next holder sends too. A trigger is acknowledged once the
block has been looked at, so what a killed worker had taken the next one finds.

Silverback's distributed mode isn't used: its brokers hand an event to any worker, and two workers
on one key lose sends. Plain streams and two short scripts are all that this takes.
"""
