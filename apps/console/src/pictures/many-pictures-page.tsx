import { useMutation } from "@tanstack/react-query";
import { type Device, type LookedUpPicture, WutsError } from "@wuts/client";
import { type ChangeEvent, type DragEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { ErrorAlert } from "../components/error-alert.tsx";
import { Field } from "../components/field.tsx";
import { useTexts } from "../i18n/locale-provider.tsx";
import { useSession } from "../session/session.tsx";
import { AvatarGrid } from "./avatar-grid.tsx";
import { ChooseDevice } from "./choose-device.tsx";
import { lookUpMany } from "./look-up-many.ts";
import { outcomesCsv } from "./outcomes-csv.ts";
import { PicturesPage } from "./pictures-page.tsx";
import { targetsInText } from "./targets-in-text.ts";

/** Looks up the pictures of all targets in a pasted column or a CSV file. */
export function ManyPicturesPage() {
  return <PicturesPage>{(devices) => <LookUpMany devices={devices} />}</PicturesPage>;
}

function LookUpMany({ devices }: { readonly devices: readonly [Device, ...Device[]] }) {
  const { pictures } = useTexts();
  const { wuts } = useSession();
  const [chosen, setChosen] = useState<string>();
  const device = devices.find(({ id }) => id === chosen) ?? devices[0];
  const [text, setText] = useState("");
  const { targets, duplicates, skipped } = useMemo(() => targetsInText(text), [text]);
  const [requested, setRequested] = useState<readonly string[]>([]);
  const [outcomes, setOutcomes] = useState<ReadonlyMap<string, LookedUpPicture>>(new Map());
  const stop = useRef<AbortController>(undefined);
  useEffect(() => () => stop.current?.abort(), []);
  const lookUp = useMutation({
    mutationFn(targets: readonly string[]) {
      stop.current = new AbortController();
      setRequested(targets);
      setOutcomes(new Map());
      return lookUpMany(wuts, {
        targets,
        device_id: device.id,
        signal: stop.current.signal,
        onOutcome: (target, outcome) => setOutcomes((before) => new Map(before).set(target, outcome)),
      });
    },
  });
  const isStopped = lookUp.error instanceof WutsError && lookUp.error.code === "ABORTED";
  const summary = [
    pictures.counted(targets.length),
    ...(duplicates > 0 ? [pictures.duplicates(duplicates)] : []),
    ...(skipped > 0 ? [pictures.skipped(skipped)] : []),
  ];
  return (
    <div className="many">
      <form
        className="card"
        onSubmit={(event) => {
          event.preventDefault();
          lookUp.mutate(targets);
        }}
      >
        <ChooseDevice devices={devices} value={device.id} onChange={setChosen} />
        <Source text={text} onText={setText} />
        <p role="status" className="quiet">
          {text.trim() === "" ? "\u00a0" : summary.join(" · ")}
        </p>
        <div className="actions">
          <button type="submit" className="primary" disabled={targets.length === 0 || lookUp.isPending}>
            {pictures.start}
          </button>
          <button type="button" disabled={!lookUp.isPending} onClick={() => stop.current?.abort()}>
            {pictures.stop}
          </button>
        </div>
      </form>
      {requested.length > 0 && (
        <section className="card result" aria-label={pictures.results}>
          <Progress done={outcomes.size} total={requested.length} outcomes={outcomes} />
          {lookUp.error && !isStopped && <ErrorAlert error={lookUp.error} />}
          <DownloadCsv targets={requested} outcomes={outcomes} disabled={lookUp.isPending} />
          <AvatarGrid targets={requested} outcomes={outcomes} deviceId={device.id} />
        </section>
      )}
    </div>
  );
}

function Source({ text, onText }: { readonly text: string; onText(text: string): void }) {
  const { pictures } = useTexts();
  const [isOver, setIsOver] = useState(false);
  const [isUnreadable, setIsUnreadable] = useState(false);
  const fileId = useId();
  const read = async (file: File | undefined) => {
    if (!file) return;
    try {
      onText(await file.text());
      setIsUnreadable(false);
    } catch {
      setIsUnreadable(true);
    }
  };
  const drop = {
    onDragOver(event: DragEvent) {
      event.preventDefault();
      setIsOver(true);
    },
    onDragLeave: () => setIsOver(false),
    onDrop(event: DragEvent) {
      event.preventDefault();
      setIsOver(false);
      void read(event.dataTransfer.files[0]);
    },
  };
  const choose = ({ target }: ChangeEvent<HTMLInputElement>) => {
    void read(target.files?.[0]);
    // Allows to choose the same file again after it has changed.
    target.value = "";
  };
  return (
    <div className={isOver ? "source over" : "source"} {...drop}>
      <Field label={pictures.paste} problem={isUnreadable ? pictures.unreadable : undefined}>
        {(input) => (
          <textarea
            {...input}
            rows={8}
            spellCheck={false}
            value={text}
            onChange={({ target }) => onText(target.value)}
          />
        )}
      </Field>
      <p className="drop">
        <label className="button small" htmlFor={fileId}>
          {pictures.chooseFile}
        </label>
        <input
          id={fileId}
          className="visually-hidden"
          type="file"
          accept=".csv,.txt,text/csv,text/plain"
          onChange={choose}
        />
        <span className="quiet">{pictures.drop}</span>
      </p>
    </div>
  );
}

interface ProgressProps {
  readonly done: number;
  readonly total: number;
  readonly outcomes: ReadonlyMap<string, LookedUpPicture>;
}

function Progress({ done, total, outcomes }: ProgressProps) {
  const { pictures } = useTexts();
  const found = [...outcomes.values()].filter((outcome) => outcome.picture).length;
  return (
    <div className="progress">
      <progress value={done} max={total} aria-label={pictures.progress(done, total)} />
      <p>
        {pictures.progress(done, total)}{" "}
        <span className="quiet">{pictures.summary(found, done - found)}</span>
      </p>
      <p role="status" className="visually-hidden">
        {done === total ? pictures.summary(found, done - found) : ""}
      </p>
    </div>
  );
}

interface DownloadProps {
  readonly targets: readonly string[];
  readonly outcomes: ReadonlyMap<string, LookedUpPicture>;
  readonly disabled: boolean;
}

function DownloadCsv({ targets, outcomes, disabled }: DownloadProps) {
  const { pictures } = useTexts();
  const download = () => {
    const csv = outcomesCsv(targets, outcomes);
    // Without a byte order mark, spreadsheets read a file in their legacy encoding.
    const url = URL.createObjectURL(new Blob(["\ufeff", csv], { type: "text/csv" }));
    const link = Object.assign(document.createElement("a"), { href: url, download: "pictures.csv" });
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <button type="button" disabled={disabled || outcomes.size === 0} onClick={download}>
      {pictures.download}
    </button>
  );
}
