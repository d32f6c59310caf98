/** What the tablet may ask about a pool before it tells. */
export type Asking = "count" | "extra" | "out_of_service" | "status";
