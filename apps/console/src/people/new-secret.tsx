import { CopyButton } from "../parts/copy-button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { useTexts } from "../texts/texts.tsx";

interface NewSecretProps {
  readonly title: string;
  readonly about: string;
  readonly secret: string;
  onClose(): void;
}

/** Shows what lets somebody in, this once. */
export function NewSecret({ title, about, secret, onClose }: NewSecretProps) {
  const { app, tokens } = useTexts();
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{about}</p>
      <p className="secret">
        <output aria-label={title}>{secret}</output>
        <CopyButton text={secret} label={`${app.copy}: ${title}`} />
      </p>
      <div className="actions">
        <button type="button" className="primary" onClick={onClose}>
          {tokens.done}
        </button>
      </div>
    </Dialog>
  );
}

/** Shows a token, this once. */
export function NewToken({ token, onClose }: { readonly token: string; onClose(): void }) {
  const { tokens } = useTexts();
  return <NewSecret title={tokens.theToken} about={tokens.once} secret={token} onClose={onClose} />;
}
