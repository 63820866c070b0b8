import type { NamedFigure, Subject } from '../../model/subject.ts'
import { graphChart } from './graph.ts'
import { histogramChart } from './histogram.ts'
import { matrixChart } from './matrix.ts'
import { numberOverSteps } from './number.ts'
import { planeChart } from './plane.ts'
import { ranks } from './rank.ts'
import { spectrumChart } from './spectrum.ts'
import { stepsChart } from './steps.ts'
import { tableChart } from './table.ts'

/** The charts of a figure, by its kind. Figures that belong in a section's list have none. */
export function chartsOf(subject: Subject, { name, figure }: NamedFigure): HTMLElement[] {
  switch (figure.kind) {
    case 'scalar':
    case 'share':
      if (figure.null === undefined && figure.interval === undefined) return []
      return some(numberOverSteps(subject, { name, figure }))
    case 'rank':
      return ranks(subject, { name, figure })
    case 'steps':
      return [
        ...some(stepsChart(subject, name, figure)),
        ...(figure.plane ? some(planeChart(subject, name, figure)) : []),
      ]
    case 'spectrum':
      return some(spectrumChart(subject, name, figure))
    case 'histogram':
      return some(histogramChart(subject, name, figure))
    case 'matrix':
      return some(matrixChart(subject, name, figure))
    case 'table':
      return some(tableChart(subject, name, figure))
    case 'graph':
      return some(graphChart(subject, name, figure))
    default:
      return []
  }
}

function some(element: HTMLElement | undefined): HTMLElement[] {
  return element ? [element] : []
}
