import { useEffect, useState } from "react";
import { useLanguage } from "./locale-provider.tsx";

/** Formatters of dates and times in the page's language. Each takes RFC 3339. */
export function useTimes() {
  const { language } = useLanguage();
  return {
    /** Date without time. */
    on: (iso: string) => new Intl.DateTimeFormat(language, { dateStyle: "medium" }).format(new Date(iso)),
    /** Date and time to the minute. */
    at: (iso: string) =>
      new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso)),
    /** Date and time to the second. */
    exactlyAt: (iso: string) =>
      new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium" }).format(new Date(iso)),
    /** Relative time, such as `5 minutes ago`. */
    ago(iso: string) {
      const format = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
      // The clocks of server and browser may differ, and no event is in the future.
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
 * Counts down, and renders once a second. It uses the browser's clock only, since the server's clock may differ.
 * @param seconds the remaining time at `since`
 * @param since milliseconds since the epoch, as `Date.now()`
 * @returns the remaining seconds, rounded up
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
