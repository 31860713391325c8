import { useQuery } from "@tanstack/react-query";
import { CopyButton } from "../components/copy-button.tsx";
import { ErrorAlert } from "../components/error-alert.tsx";
import { useTexts } from "../i18n/locale-provider.tsx";
import { useTimes } from "../i18n/times.ts";
import { baseUrl } from "../session/server.ts";
import { useSession } from "../session/session.tsx";
import { asCurl, asSdk, type PictureQuery } from "./code-samples.ts";
import { useObjectUrl } from "./object-url.ts";

/** Looks up a picture once, and shows it with its metadata, or the error. */
export function FoundPicture({ query }: { readonly query: PictureQuery }) {
  const { pictures } = useTexts();
  const { exactlyAt } = useTimes();
  const { queries } = useSession();
  const once = { gcTime: 0, staleTime: Number.POSITIVE_INFINITY };
  const picture = useQuery({ ...queries.contacts.getProfilePicture.queryOptions(query), ...once });
  // The bytes come from this server: WhatsApp's own link would make the browser send a request to another server.
  const bytes = useQuery({
    ...queries.contacts.getProfilePictureImage.queryOptions(query),
    ...once,
    enabled: picture.data !== undefined,
  });
  const url = useObjectUrl(bytes.data);
  const who = "jid" in query ? query.jid : query.number;
  const error = picture.error ?? bytes.error;
  // Everything below the picture appears at the same time, so that nothing moves.
  const isDone = error !== null || url !== undefined;
  return (
    <section className="card result" aria-label={pictures.imageOf(who)} aria-busy={picture.isFetching}>
      <div className="picture-frame">
        {error ? (
          <ErrorAlert error={error} retry={() => void (picture.error ? picture : bytes).refetch()} />
        ) : url ? (
          <img src={url} alt={pictures.imageOf(who)} />
        ) : (
          <span role="status">{pictures.asking}</span>
        )}
      </div>
      {picture.data && isDone && (
        <dl className="facts found">
          <Fact name={pictures.jid} value={picture.data.jid} />
          <Fact name={pictures.id} value={picture.data.picture_id} />
          <div>
            <dt>{pictures.expires}</dt>
            <dd>{picture.data.expires_at ? exactlyAt(picture.data.expires_at) : pictures.noExpiry}</dd>
          </div>
          {picture.data.url !== null && <Fact name={pictures.link} value={picture.data.url} />}
        </dl>
      )}
      {url && picture.data && (
        <a className="button" href={url} download={`${picture.data.picture_id}.jpg`}>
          {pictures.save}
        </a>
      )}
      {isDone && (
        <details>
          <summary>{pictures.request}</summary>
          <Sample name={pictures.curl} code={asCurl(baseUrl, query)} />
          <Sample name={pictures.sdk} code={asSdk(baseUrl, query)} />
        </details>
      )}
    </section>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  const { app } = useTexts();
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <span className="long">{value}</span> <CopyButton text={value} label={`${app.copy}: ${name}`} />
      </dd>
    </div>
  );
}

function Sample({ name, code }: { readonly name: string; readonly code: string }) {
  const { app } = useTexts();
  return (
    <div className="sample">
      <div className="sample-head">
        <h2>{name}</h2>
        <CopyButton text={code} label={`${app.copy}: ${name}`} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a wide sample must be scrollable by keyboard */}
      <pre tabIndex={0}>
        <code>{code}</code>
      </pre>
    </div>
  );
}
