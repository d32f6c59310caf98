export const BUILT: string;
export function pages(): string[];
export function loadedAtOnce(page: string): string[];
export function everLoaded(page: string): string[];
