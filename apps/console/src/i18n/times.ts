import { useEffect, useState } from "react";
import { useLanguage } from "./locale-provider.tsx";

/** Writes points in time as people of the page's language do. @param iso RFC 3339 */
export function useTimes() {
  const { language } = useLanguage();
  return {
    /** The day. */
    on: (iso: string) => new Intl.DateTimeFormat(language, { dateStyle: "medium" }).format(new Date(iso)),
    /** To the minute. */
    at: (iso: string) =>
      new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso)),
    /** To the second. */
    exactlyAt: (iso: string) =>
      new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium" }).format(new Date(iso)),
    /** As `5 minutes ago`. */
    ago(iso: string) {
      const format = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
      // The clocks of server and browser may differ; nothing has happened in the future.
      const seconds = Math.min(0, (Date.parse(iso) - Date.now()) / 1000);
      const [size, unit] = units.find(([size]) => -seconds >= size) ?? [1, "second"];
      return format.format(Math.ceil(seconds / size), unit);
    },
  };
}

const units: readonly (readonly [number, Intl.RelativeTimeFormatUnit])[] = [
  [86_400, "day"],
  [3_600, "hour"],
  [60, "minute"],
  [1, "second"],
];

/**
 * Counts down, and draws the page once a second meanwhile. The server's clock is not looked at, for it may be another.
 * @param seconds how many are left
 * @param since when that was so, as `Date.now()`
 * @returns how many are left now, rounded up
 */
export function useCountdown(seconds: number, since: number): number {
  const [now, setNow] = useState(Date.now);
  const left = Math.max(0, Math.ceil(seconds - (Math.max(now, since) - since) / 1000));
  useEffect(() => {
    if (left === 0) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [left]);
  return left;
}
