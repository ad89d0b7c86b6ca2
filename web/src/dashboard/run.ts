// What the server tells of the run's folder.

/** A line of metrics.jsonl or of a samples file. */
export type Line = Record<string, unknown>;

export interface Run {
  name: string;
  recipe: string;
  /** Stages that wrote samples. */
  samples: string[];
}

interface Piece {
  /** Where the next piece begins. */
  next: number;
  /** More has been written already. */
  more: boolean;
  /** The file is not the one that `from` counts in: this piece is its beginning. */
  restarted: boolean;
  lines: Line[];
}

async function ask<T>(path: string): Promise<T> {
  const answer = await fetch(`run/${path}`, { cache: 'no-store' });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return (await answer.json()) as T;
}

export function readRun(): Promise<Run> {
  return ask<Run>('about');
}

/** A file of lines that grows. */
export class Log {
  private from = 0;

  constructor(private readonly path: string) {}

  /** All lines since the last call. */
  async read(): Promise<{ lines: Line[]; restarted: boolean }> {
    const lines: Line[] = [];
    let restarted = false;
    for (;;) {
      const mark = this.path.includes('?') ? '&' : '?';
      const piece = await ask<Piece>(`${this.path}${mark}from=${this.from}`);
      if (piece.restarted) {
        restarted = true;
        lines.length = 0;
      }
      for (const line of piece.lines) lines.push(line);
      this.from = piece.next;
      if (!piece.more) return { lines, restarted };
    }
  }
}

export function numberOf(line: Line | undefined, key: string): number | null {
  let value: unknown = line;
  for (const part of key.split('.')) {
    value = typeof value === 'object' && value !== null ? (value as Line)[part] : undefined;
  }
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
