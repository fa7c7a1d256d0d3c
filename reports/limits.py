"""What tickets take at most, as far as it is published or seen; a target that tells its own limit is believed first."""

GITHUB_COMMENT = 65_536
"""Characters of a comment: "Body is too long (maximum is 65536 characters)" is GitHub's own answer (422; quoted in
telia-oss/github-pr-resource, issue 259). Some saw more accepted where only bytes were counted. Confidence: high."""
JIRA_TEXT = 32_767
"""Characters of a comment or description, wiki markup included: "The entered text is too long. It exceeds the allowed
limit of 32,767 characters" is Jira's own answer (mozilla/jira-bugzilla-integration, issue 180). Cloud: fixed. Data
Center: the default of `jira.text.field.character.limit`, which an administrator may change. Confidence: high."""
SERVICENOW_JOURNAL = 4_000
"""Characters of a work note: multi-line text fields "have a default character limit of 4000" (ServiceNow, "Journal
field type", Xanadu; `sys_dictionary.max_length` of the field tells an instance's own). Confidence: medium: instances
that take more are common, and the page does not say that it counts for entries of a journal."""
