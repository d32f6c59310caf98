/** How long a hold may last at most, and what is promised unless told otherwise. */
export const HOLD_MINUTES = { least: 5, usual: 45, most: 240 } as const;
