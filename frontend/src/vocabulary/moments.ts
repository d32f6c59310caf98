/** Moments and ages in French. All times are milliseconds since the epoch; the clock comes in as an argument. */

const ZONE = "Europe/Paris";
/** Made when first wanted: the first of them costs a slow phone a fifth of a second, and its first screen needs none. */
function written(options: Intl.DateTimeFormatOptions): (at_ms: number) => string {
  let made: Intl.DateTimeFormat | undefined;
  return (at_ms) => {
    made ??= new Intl.DateTimeFormat("fr-FR", { timeZone: ZONE, ...options });
    return made.format(at_ms);
  };
}

export const hourAndMinute = written({ hour: "2-digit", minute: "2-digit" });
export const hourMinuteSecond = written({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
export const dayInWords = written({ weekday: "long", day: "numeric", month: "long" });
const shortDay = written({ day: "2-digit", month: "2-digit" });

/** "14:05" today, "14:05 le 21/11" on another day. */
export function hourAndDay(at_ms: number, now_ms: number): string {
  const sameDay = shortDay(at_ms) === shortDay(now_ms);
  return sameDay ? hourAndMinute(at_ms) : `${hourAndMinute(at_ms)} le ${shortDay(at_ms)}`;
}

/** "à l’instant", "il y a 12 min", "il y a 3 h 05", "il y a 2 jours". An age below zero is now. */
export function ago(age_ms: number): string {
  const minutes = Math.floor(age_ms / 60_000);
  if (minutes < 1) return "à l’instant";
  return `il y a ${lasting(age_ms)}`;
}

/** The length alone: "45 s", "12 min", "3 h 05", "2 jours". */
export function lasting(length_ms: number): string {
  const seconds = Math.max(0, Math.floor(length_ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24)
    return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${String(minutes % 60).padStart(2, "0")}`;
  const days = Math.floor(hours / 24);
  return days === 1 ? "1 jour" : `${days} jours`;
}

/** What is left of a promise, second by second: "44:07", "1:05:00"; "0:00" once it is over. */
export function countdown(left_ms: number): string {
  const seconds = Math.max(0, Math.ceil(left_ms / 1000));
  const two = (number: number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
