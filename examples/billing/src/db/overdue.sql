SELECT id FROM invoices WHERE due_at < ?1 AND paid_at IS NULL;
