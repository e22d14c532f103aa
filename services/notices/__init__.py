"""What people are told: the notice box, the mails that follow from it, and how to stop them."""
