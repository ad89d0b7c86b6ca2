// One chart a subject, shown as soon as the run has figures for it.
import uPlot from 'uplot';
import { element } from '../dom';
import { type Line, numberOf } from './run';

interface Subject {
  title: string;
  /** Keys of the metrics (with dots into objects) and what they are called. */
  series: [key: string, name: string][];
  /** Measured now and then: points, joined over the steps between. */
  sparse?: boolean;
  about?: string;
}

const subjects: Subject[] = [
  {
    title: 'Reward',
    series: [
      ['reward', 'reward'],
      ['accuracy', 'accuracy'],
      ['reward_format', 'format'],
      ['reward_language', 'language'],
      ['reward_length', 'length'],
      ['reward_command', 'command'],
      ['teacher_accuracy', "teacher's accuracy"],
    ],
    about: 'means over the answers of a step',
  },
  {
    title: 'Held-out accuracy',
    series: [
      ['held_out_accuracy', 'after the step'],
      ['held_out_before', 'before training'],
    ],
    sparse: true,
    about: 'greedy answers to questions of the test side',
  },
  { title: 'Response length', series: [['response_length', 'tokens']], about: 'mean, in tokens' },
  { title: 'Entropy', series: [['entropy', 'entropy']], about: 'mean of -log p of what was drawn' },
  { title: 'KL', series: [['kl', 'KL']], about: 'divergence from the reference policy' },
  {
    title: 'Loss',
    series: [
      ['loss', 'loss'],
      ['validation_loss', 'validation'],
      ['mtp_loss', 'second token'],
    ],
  },
  { title: 'Gradient norm', series: [['grad_norm', 'norm']], about: 'before clipping' },
  {
    title: 'Expert load',
    series: [
      ['expert_load.largest', 'busiest'],
      ['expert_load.smallest', 'idlest'],
    ],
    about: 'share of one expert over the mean share; 1 is balanced',
  },
  { title: 'Learning rate', series: [['learning_rate', 'rate']] },
  {
    title: 'Clipped',
    series: [
      ['clip_low', 'low'],
      ['clip_high', 'high'],
      ['truncated', 'answers cut off'],
      ['equal_groups', 'groups of equal rewards'],
    ],
    about: 'shares',
  },
  {
    title: 'Sampled against trained',
    series: [['mismatch_max', 'largest difference']],
    about: 'of log-probabilities; 0 to the last bit',
  },
  {
    title: 'Speed',
    series: [
      ['tokens_per_second', 'training'],
      ['rollout_tokens_per_second', 'rollouts'],
    ],
    about: 'tokens a second',
  },
];

const COLOURS = ['--accent', '--plot-2', '--plot-3', '--plot-4', '--plot-5', '--plot-6', '--soft'];
const HEIGHT = 200;

const probe = element('span', { hidden: true });

/** A custom property as the colour it is now: a canvas knows no light-dark(). */
function colour(name: string): string {
  probe.style.color = `var(${name})`;
  return getComputedStyle(probe).color;
}

export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(2);
  return String(Number(value.toPrecision(4)));
}

/** What an axis shows; what is always 0 lies in 0 to 1, not in uPlot's 0 to 100. */
function rangeOf(low: number | null, high: number | null): uPlot.Range.MinMax {
  if (low === null || high === null || (low === 0 && high === 0)) return [0, 1];
  return uPlot.rangeNum(low, high, 0.1, true);
}

class Chart {
  readonly view: HTMLElement;
  private readonly place = element('div', { class: 'plot' });
  private readonly values: (number | null)[][];
  private readonly legend = element('p', { class: 'legend' });
  private plot?: uPlot;
  private used: number[] = []; // of the series those that have a figure, which is what is drawn

  constructor(
    private readonly subject: Subject,
    private readonly steps: number[],
  ) {
    this.values = subject.series.map(() => []);
    this.view = element(
      'figure',
      { class: 'chart', hidden: true },
      element(
        'figcaption',
        {},
        element('h2', {}, subject.title),
        subject.about && element('span', { class: 'about' }, subject.about),
      ),
      this.legend,
      this.place,
    );
  }

  clear(): void {
    for (const values of this.values) values.length = 0;
  }

  add(line: Line): void {
    this.subject.series.forEach(([key], i) => this.values[i]?.push(numberOf(line, key)));
  }

  draw(): void {
    const before = this.used.length;
    this.used = this.values.flatMap((values, i) =>
      values.some((value) => value !== null) ? [i] : [],
    );
    this.view.hidden = this.used.length === 0;
    if (this.view.hidden) return;
    const data: uPlot.AlignedData = [this.steps, ...this.used.map((i) => this.values[i] ?? [])];
    if (this.plot && before === this.used.length) {
      this.plot.setData(data);
    } else {
      this.plot?.destroy();
      this.plot = new uPlot(this.options(), data, this.place);
    }
    this.describe();
  }

  /** Names the lines, with their figures where the pointer is or else the latest ones. */
  private describe(): void {
    const at = this.plot?.cursor.idx ?? null;
    const items = this.used.map((i) => {
      const values = this.values[i] ?? [];
      const value = at === null ? values.findLast((one) => one !== null) : values[at];
      const mark = element('span', { class: `mark mark-${i}`, 'aria-hidden': 'true' });
      const text = `${this.subject.series[i]?.[1]} ${value == null ? '–' : shortNumber(value)}`;
      return element('span', {}, mark, text);
    });
    if (at !== null) items.push(element('span', { class: 'about' }, `step ${this.steps[at]}`));
    this.legend.replaceChildren(...items);
  }

  redraw(): void {
    this.plot?.destroy();
    this.plot = undefined;
    this.draw();
  }

  resize(): void {
    if (this.place.clientWidth > 0) {
      this.plot?.setSize({ width: this.place.clientWidth, height: HEIGHT });
    }
  }

  private options(): uPlot.Options {
    const text = colour('--soft');
    const axis: uPlot.Axis = {
      stroke: text,
      grid: { stroke: colour('--line'), width: 1 },
      ticks: { stroke: colour('--line'), width: 1 },
    };
    return {
      width: this.place.clientWidth || 400,
      height: HEIGHT,
      scales: { x: { time: false }, y: { range: (_, low, high) => rangeOf(low, high) } },
      cursor: { sync: { key: 'steps' }, drag: { x: true, y: false } },
      legend: { show: false },
      hooks: { setCursor: [() => this.describe()] },
      axes: [
        { ...axis, size: 32 },
        { ...axis, size: 64, values: (_, splits) => splits.map((value) => shortNumber(value)) },
      ],
      series: [
        {},
        ...this.used.map((i) => ({
          stroke: colour(COLOURS[i] ?? '--text'),
          width: 1.5,
          spanGaps: true,
          points: this.subject.sparse ? { show: true, size: 6 } : {},
        })),
      ],
    };
  }
}

export class Charts {
  readonly view = element('section', { class: 'charts', 'aria-label': 'Figures by step' });
  private readonly steps: number[] = [];
  private readonly charts = subjects.map((subject) => new Chart(subject, this.steps));

  constructor() {
    this.view.append(probe, ...this.charts.map((chart) => chart.view));
    new ResizeObserver(() => this.charts.forEach((chart) => chart.resize())).observe(this.view);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () =>
      this.charts.forEach((chart) => chart.redraw()),
    );
  }

  clear(): void {
    this.steps.length = 0;
    for (const chart of this.charts) chart.clear();
  }

  add(lines: Line[]): void {
    for (const line of lines) {
      this.steps.push(numberOf(line, 'step') ?? this.steps.length + 1);
      for (const chart of this.charts) chart.add(line);
    }
    for (const chart of this.charts) chart.draw();
  }
}
