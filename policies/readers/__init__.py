"""How to read one kind of resource or document: IAM statements, web ACLs, alarms, buckets. No rule is defined here."""
