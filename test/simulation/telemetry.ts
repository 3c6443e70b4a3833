/** What the functions log and count, kept as text to look for secrets in it. */
import type { Fields, Telemetry } from '../../shared/runtime/telemetry.ts';

export class KeptTelemetry implements Telemetry {
  readonly lines: string[] = [];
  readonly counts = new Map<string, number>();

  info = (message: string, fields?: Fields): void => this.#keep(message, fields);
  warn = (message: string, fields?: Fields): void => this.#keep(message, fields);
  error = (message: string, fields?: Fields): void => this.#keep(message, fields);

  count(metric: string): void {
    this.counts.set(metric, (this.counts.get(metric) ?? 0) + 1);
  }

  measure(): void {}

  #keep(message: string, fields: Fields = {}): void {
    this.lines.push(`${message} ${JSON.stringify(fields, readable)}`);
  }
}

/** An error's own text is not enumerable. */
const readable = (_: string, value: unknown): unknown =>
  value instanceof Error ? { message: value.message, cause: value.cause } : value;
