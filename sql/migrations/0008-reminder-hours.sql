-- When a site wants to be asked how many are there: hours of its own day, "22:00".

ALTER TABLE sites ADD COLUMN reminder_hours text[] NOT NULL DEFAULT '{}';
