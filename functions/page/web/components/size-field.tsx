/** The size: recommended ones as shapes, or a width and a height of one's own with a live check. */
import { useSignal } from '@preact/signals';
import {
  defaultSize,
  numbersOf,
  parseSize,
  ratioName,
  sameSize,
  shapesOf,
  type TypedSize,
} from '../compose/size.ts';
import { idOf } from '../state/focus.ts';
import { change, fields, form, problemAt, touch } from '../state/form.ts';
import { words } from '../state/words.ts';
import { describedBy, FieldGroup } from './field.tsx';
import { type Choice, Radios } from './radio.tsx';

const CUSTOM = 'custom';
const AUTO = 'auto';

export function SizeField() {
  const { size: label, sizeAuto, sizeAutoHint, sizeCustom } = words.value;
  const isCustom = useSignal(false);
  const { size: limits } = fields.value.limits;
  if (!limits) return null;
  const preset = defaultSize(limits);
  const current = form.value.size ?? preset;
  const shapes = shapesOf(limits);
  const isShape = !current || shapes.some((shape) => sameSize(shape, current));
  const chosen = isCustom.value || !isShape ? CUSTOM : current ? keyOf(current) : AUTO;
  const auto = {
    value: AUTO,
    name: `${sizeAuto}: ${sizeAutoHint}`,
    face: <Face text={sizeAuto} shape="auto" />,
  };
  const custom = { value: CUSTOM, name: sizeCustom, face: <Face text={sizeCustom} shape="custom" /> };
  const choices = [...(preset ? [] : [auto]), ...shapes.map(choiceOf), custom];

  function choose(value: string) {
    isCustom.value = value === CUSTOM;
    if (value === AUTO) change({ size: undefined }, 'size');
    else change({ size: value === CUSTOM ? (current ?? shapes[0]) : parseSize(value) }, 'size');
  }
  return (
    <FieldGroup name="size" label={label} aside={<Chosen size={current} />}>
      <Radios
        group="size"
        kind="shapes"
        choices={choices}
        chosen={chosen}
        onChoose={choose}
        {...(chosen === CUSTOM ? {} : { id: idOf('size') })}
      />
      {chosen === CUSTOM && current && <CustomSize size={current} />}
    </FieldGroup>
  );
}

const keyOf = ({ width, height }: TypedSize) => `${width}x${height}`;

function Chosen({ size }: { readonly size: TypedSize | undefined }) {
  const { sizeAutoHint } = words.value;
  return <span class="count">{size ? `${size.width} × ${size.height}` : sizeAutoHint}</span>;
}

function choiceOf(size: TypedSize): Choice<string> {
  const numbers = numbersOf(size)!;
  const ratio = ratioName(numbers);
  const name = words.value.sizeOf(size.width, size.height, ratio);
  return { value: keyOf(size), name, face: <Face text={ratio} shape={numbers} /> };
}

/** The longer side of a drawn shape, in its box of 28 by 28. */
const LONG = 24;

function Face({
  text,
  shape,
}: {
  readonly text: string;
  readonly shape: 'auto' | 'custom' | { width: number; height: number };
}) {
  const scale = typeof shape === 'string' ? 1 : LONG / Math.max(shape.width, shape.height);
  const [width, height] = typeof shape === 'string' ? [20, 20] : [shape.width * scale, shape.height * scale];
  return (
    <>
      <svg class="shape" viewBox="0 0 28 28" aria-hidden="true">
        <rect
          class={typeof shape === 'string' ? 'dashed' : undefined}
          x={(28 - width) / 2}
          y={(28 - height) / 2}
          width={width}
          height={height}
          rx="2"
        />
        {shape === 'custom' && <path d="M14 10v8M10 14h8" />}
      </svg>
      <span>{text}</span>
    </>
  );
}

function CustomSize({ size }: { readonly size: TypedSize }) {
  const { width, height, pixels, ratio } = words.value;
  const numbers = numbersOf(size);
  const side = (name: 'width' | 'height', label: string, id?: string) => (
    <label class="side">
      <span>{label}</span>
      <input
        id={id}
        inputMode="numeric"
        autocomplete="off"
        value={size[name]}
        aria-invalid={problemAt('size') !== undefined}
        aria-describedby={`size-now ${describedBy('size') ?? ''}`.trim()}
        onInput={(event) => {
          touch('size');
          const typed = event.currentTarget.value;
          change({ size: parseSize(typed) ?? { ...size, [name]: typed } }, 'size');
        }}
      />
    </label>
  );
  return (
    <>
      <div class="sides">
        {side('width', width, idOf('size'))}
        <span aria-hidden="true">×</span>
        {side('height', height)}
      </div>
      <p class="hint" id="size-now">
        {numbers && `${pixels(numbers.width * numbers.height)} · ${ratio(ratioName(numbers))}`}
      </p>
    </>
  );
}
