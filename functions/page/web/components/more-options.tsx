/** What is rarely changed. Only what the model knows is there. */
import { idOf } from '../state/focus.ts';
import { change, fields, form, isMoreOpen, problemAt, touch } from '../state/form.ts';
import { words } from '../state/words.ts';
import { describedBy, Field } from './field.tsx';
import { Icon } from './icon.tsx';
import { Count } from './prompt-field.tsx';

export function MoreOptions() {
  const { more, promptExtend, promptExtendHint, watermark, watermarkHint } = words.value;
  const { limits, promptExtend: extendsByDefault } = fields.value;
  const hasNone = !limits.negativePrompt && !limits.seed && extendsByDefault === undefined;
  if (hasNone && limits.watermark === undefined) return null;
  return (
    <details
      class="more"
      open={isMoreOpen.value}
      onToggle={(event) => {
        isMoreOpen.value = event.currentTarget.open;
      }}
    >
      <summary>{more}</summary>
      {limits.negativePrompt && <NegativePrompt max={limits.negativePrompt.max} />}
      {limits.seed && <Seed max={limits.seed.max} />}
      {extendsByDefault !== undefined && (
        <Switch
          label={promptExtend}
          hint={promptExtendHint}
          checked={form.value.promptExtend ?? extendsByDefault}
          onChange={(value) => change({ promptExtend: value })}
        />
      )}
      {limits.watermark !== undefined && (
        <Switch
          label={watermark}
          hint={watermarkHint}
          checked={form.value.watermark ?? limits.watermark}
          onChange={(value) => change({ watermark: value })}
        />
      )}
    </details>
  );
}

function NegativePrompt({ max }: { readonly max: number }) {
  const { negativePrompt, negativePlaceholder } = words.value;
  const text = form.value.negativePrompt;
  return (
    <Field name="negativePrompt" label={negativePrompt} aside={<Count text={text} max={max} />}>
      <textarea
        id={idOf('negativePrompt')}
        rows={2}
        value={text}
        placeholder={negativePlaceholder}
        aria-invalid={problemAt('negativePrompt') !== undefined}
        aria-describedby={describedBy('negativePrompt')}
        onInput={(event) => change({ negativePrompt: event.currentTarget.value }, 'negativePrompt')}
      />
    </Field>
  );
}

function Seed({ max }: { readonly max: number }) {
  const { seed, seedHint, seedRandom, seedRoll } = words.value;
  const roll = () => change({ seed: String(Math.floor(Math.random() * (max + 1))) }, 'seed');
  return (
    <Field name="seed" label={seed} aside={<span class="count">{seedHint}</span>}>
      <div class="with-button">
        <input
          id={idOf('seed')}
          inputMode="numeric"
          autocomplete="off"
          placeholder={seedRandom}
          value={form.value.seed}
          aria-invalid={problemAt('seed') !== undefined}
          aria-describedby={describedBy('seed')}
          onInput={(event) => {
            touch('seed');
            change({ seed: event.currentTarget.value }, 'seed');
          }}
        />
        <button type="button" class="quiet icon-only" aria-label={seedRoll} title={seedRoll} onClick={roll}>
          <Icon name="dice" />
        </button>
      </div>
    </Field>
  );
}

interface SwitchProps {
  readonly label: string;
  readonly hint: string;
  readonly checked: boolean;
  readonly onChange: (value: boolean) => void;
}

function Switch({ label, hint, checked, onChange }: SwitchProps) {
  return (
    <label class="switch">
      <span>
        {label}
        <span class="hint">{hint}</span>
      </span>
      <input
        type="checkbox"
        role="switch"
        aria-checked={checked}
        checked={checked}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    </label>
  );
}
