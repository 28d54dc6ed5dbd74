"""Access: who may sign in, what each role may do, and which rows each person sees."""
