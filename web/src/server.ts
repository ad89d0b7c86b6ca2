// Whether the server can be asked, and for which models.
import { ApiError, listModels, type ModelInfo } from './api';
import { Signal } from './signal';

export type ServerState = 'unknown' | 'ready' | 'unreachable' | 'key-needed';

const FIRST_WAIT = 2_000;
const LONGEST_WAIT = 30_000;

export class Server {
  state: ServerState = 'unknown';
  models: ModelInfo[] = [];
  readonly changed = new Signal();
  private wait = FIRST_WAIT;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    window.addEventListener('online', () => this.look());
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden && this.state === 'unreachable') this.look();
    });
  }

  /** Asks now; while it can't be reached, again and again. */
  async look(): Promise<void> {
    clearTimeout(this.timer);
    try {
      this.models = await listModels();
      this.set('ready');
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return this.set('key-needed');
      this.set('unreachable');
      this.timer = setTimeout(() => this.look(), this.wait);
      this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
    }
  }

  /** Learns from what went wrong elsewhere. */
  failed(error: unknown): void {
    if (error instanceof ApiError && (error.status === 0 || error.status === 401)) void this.look();
  }

  private set(state: ServerState): void {
    if (state === 'ready') this.wait = FIRST_WAIT;
    this.state = state;
    this.changed.emit();
  }
}
