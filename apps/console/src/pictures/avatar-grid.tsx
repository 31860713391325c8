import { useQuery } from "@tanstack/react-query";
import type { LookedUpPicture } from "@wuts/client";
import { memo, useEffect, useRef, useState } from "react";
import { useTexts } from "../i18n/locale-provider.tsx";
import { useSession } from "../session/session.tsx";
import { useObjectUrl } from "./object-url.ts";
import { targetParameters } from "./target-parameters.ts";

interface AvatarGridProps {
  readonly targets: readonly string[];
  readonly outcomes: ReadonlyMap<string, LookedUpPicture>;
  readonly deviceId: string;
}

/** A tile for each target: its picture, or the reason why there is none. */
export function AvatarGrid({ targets, outcomes, deviceId }: AvatarGridProps) {
  return (
    <ul className="avatars">
      {targets.map((target) => (
        <Tile key={target} target={target} outcome={outcomes.get(target)} deviceId={deviceId} />
      ))}
    </ul>
  );
}

interface TileProps {
  readonly target: string;
  readonly outcome: LookedUpPicture | undefined;
  readonly deviceId: string;
}

/** Memoized, so that an outcome renders its own tile only. */
const Tile = memo(function Tile({ target, outcome, deviceId }: TileProps) {
  const { pictures, problems } = useTexts();
  const code = outcome?.error_code;
  const failure = code === "VALIDATION_ERROR" ? pictures.invalid : code && problems[code];
  const hasPicture = outcome !== undefined && outcome.picture !== null;
  return (
    <li className={failure ? "avatar failed" : "avatar"}>
      {hasPicture ? (
        <Avatar target={target} deviceId={deviceId} />
      ) : (
        <span className="avatar-frame" aria-hidden="true">
          {failure ? "–" : "…"}
        </span>
      )}
      <span className="avatar-who">{target}</span>
      <span className="avatar-why">{failure ?? (outcome ? "" : pictures.waiting)}</span>
    </li>
  );
});

function Avatar({ target, deviceId }: Omit<TileProps, "outcome">) {
  const { pictures, problems } = useTexts();
  const { queries } = useSession();
  const frame = useRef<HTMLSpanElement>(null);
  const isSeen = useSeen(frame);
  const bytes = useQuery({
    ...queries.contacts.getProfilePictureImage.queryOptions({
      ...targetParameters(target),
      device_id: deviceId,
    }),
    enabled: isSeen,
    staleTime: Number.POSITIVE_INFINITY,
    // Hundreds of pictures can exceed the server's default rate limits.
    retry: (times, error) => times < 10 && error.retryAfter !== undefined,
    retryDelay: (_times, error) => (error.retryAfter ?? 1) * 1000,
  });
  const url = useObjectUrl(bytes.data);
  return (
    <span className="avatar-frame" ref={frame}>
      {url && <img src={url} alt={pictures.imageOf(target)} />}
      {bytes.error && <span title={problems[bytes.error.code]}>?</span>}
    </span>
  );
}

/** @returns whether the element has been in or near the viewport */
function useSeen(element: { readonly current: Element | null }): boolean {
  const [isSeen, setIsSeen] = useState(false);
  useEffect(() => {
    if (isSeen || !element.current) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) setIsSeen(true);
      },
      { rootMargin: "200px" },
    );
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [isSeen, element]);
  return isSeen;
}
