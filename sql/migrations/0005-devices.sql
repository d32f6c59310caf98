-- Who let a device or a system in, and all that a territory has let in.

ALTER TABLE credentials ADD COLUMN admitted_by uuid;
