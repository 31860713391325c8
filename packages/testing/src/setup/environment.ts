// Vitest sets it, and Express answers otherwise where it is set. Servers run as they do for users.
delete process.env.NODE_ENV;
