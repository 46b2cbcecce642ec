"""The release before and today's code, at the same time, on one table: as they run while a deployment goes on."""
