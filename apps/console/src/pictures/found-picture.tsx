import { useQuery } from "@tanstack/react-query";
import { CopyButton } from "../components/copy-button.tsx";
import { ErrorAlert } from "../components/error-alert.tsx";
import { useTexts } from "../i18n/locale-provider.tsx";
import { useTimes } from "../i18n/times.ts";
import { useSession } from "../session/session.tsx";
import { asCurl, asSdk, type PictureQuery } from "./code-samples.ts";
import { useObjectUrl } from "./object-url.ts";

/** Asks for a picture once, and shows it with everything that is known of it, or why there is none. */
export function FoundPicture({ query }: { readonly query: PictureQuery }) {
  const { pictures } = useTexts();
  const { exactlyAt } = useTimes();
  const { queries } = useSession();
  const once = { gcTime: 0, staleTime: Number.POSITIVE_INFINITY };
  const picture = useQuery({ ...queries.getContactProfilePictureOptions({ query }), ...once });
  // WhatsApp's own link would have the browser ask another server, which this page never does.
  const bytes = useQuery({
    ...queries.getContactProfilePictureImageOptions({ query }),
    ...once,
    enabled: picture.data !== undefined,
  });
  const url = useObjectUrl(bytes.data);
  const who = "jid" in query ? query.jid : query.number;
  const error = picture.error ?? bytes.error;
  // What is below the picture comes in one piece, or one part would push another down.
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
          <Fact name={pictures.id} value={picture.data.id} />
          <div>
            <dt>{pictures.expires}</dt>
            <dd>{picture.data.expires_at ? exactlyAt(picture.data.expires_at) : pictures.noExpiry}</dd>
          </div>
          {picture.data.url !== null && <Fact name={pictures.link} value={picture.data.url} />}
        </dl>
      )}
      {url && picture.data && (
        <a className="button" href={url} download={`${picture.data.id}.jpg`}>
          {pictures.save}
        </a>
      )}
      {isDone && (
        <details>
          <summary>{pictures.request}</summary>
          <Sample name={pictures.curl} code={asCurl(query)} />
          <Sample name={pictures.sdk} code={asSdk(query)} />
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
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what is wider than its frame has to be scrolled by keyboard */}
      <pre tabIndex={0}>
        <code>{code}</code>
      </pre>
    </div>
  );
}
