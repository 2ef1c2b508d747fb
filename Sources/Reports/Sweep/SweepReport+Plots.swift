import Studies

extension SweepReport {
  /// The metric against the ratio with 95 % intervals, a chart for each criterion.
  public var ratioPlot: Figure {
    let charts = table.plan.criteria.map { criterion -> any Chart in
      let names = table.plan.schedules + ["untrained"]
      let series = names.enumerated().map { index, name in
        let rows = table.rows.filter {
          $0.criterion == criterion && ($0.schedule ?? "untrained") == name
        }
        return LineChart.Series(
          name: name, color: index % Figure.seriesColors,
          points: rows.map { row in
            let half = row.result.halfWidth()
            return LineChart.Point(
              x: row.ratio, y: row.result.mean, error: half,
              words:
                "\(name) at \(percent(row.ratio)): \(words(row.result.mean)) ± \(spread(half)), "
                + counted(row.result.count, "seed"))
          })
      }
      return LineChart(
        heading: table.plan.criteria.count > 1 ? criterion : "", series: series,
        mark: table.dense.map { ($0, "dense: \(words($0))") }, xTitle: "sparsity", yTitle: metric,
        xWords: { percent($0, places: 0) }, yWords: words, xTicks: table.plan.ratios,
        emptyWords: "No run is finished yet.")
    }
    return figure(
      "\(metric) against sparsity", "bars are 95 % intervals of the mean over seeds", charts)
  }

  /// The validation metric against the epochs trained so far, at one ratio: the mean over the seeds
  /// that got as far.
  public func epochPlot(at ratio: Double) -> Figure {
    coursePlot(
      at: ratio, "\(metric) against epochs at \(percent(ratio))",
      "validation rows, mean over seeds", xTitle: "epochs"
    ) { runs in
      var values: [Int: [Double]] = [:]
      for run in runs {
        // Of an epoch that ends before a pruning event and the state after it, the latter.
        let last = Dictionary(
          run.course.compactMap { one in one.value.map { (one.epoch, $0) } },
          uniquingKeysWith: { $1 })
        for (epoch, value) in last { values[epoch, default: []].append(value) }
      }
      return values.sorted { $0.key < $1.key }.compactMap { epoch, values in
        Summary(values).map {
          LineChart.Point(
            x: Double(epoch), y: $0.mean, error: nil, words: "epoch \(epoch): \(words($0.mean))")
        }
      }
    }
  }

  /// Cumulative sparsity against the step, at one ratio.
  public func stepPlot(at ratio: Double) -> Figure {
    coursePlot(
      at: ratio, "cumulative sparsity against step at \(percent(ratio))", "", xTitle: "step",
      percentages: true
    ) { runs in
      guard let run = runs.first else { return [] }
      var points = [LineChart.Point(x: 0, y: 0, error: nil, words: "before")]
      for one in run.course where Double(one.step) > points[points.count - 1].x {
        points.append(
          LineChart.Point(
            x: Double(one.step), y: one.sparsity, error: nil,
            words: "step \(one.step): \(percent(one.sparsity))"))
      }
      return points
    }
  }

  private func coursePlot(
    at ratio: Double, _ title: String, _ subtitle: String, xTitle: String,
    percentages: Bool = false, points: ([SweepPoint]) -> [LineChart.Point]
  ) -> Figure {
    let charts = table.plan.criteria.map { criterion -> any Chart in
      let series = table.plan.schedules.enumerated().map { index, schedule in
        let runs = table.rows.filter {
          $0.criterion == criterion && $0.schedule == schedule && $0.ratio == ratio
        }.flatMap(\.runs)
        return LineChart.Series(
          name: schedule, color: index % Figure.seriesColors, points: points(runs))
      }
      return LineChart(
        heading: table.plan.criteria.count > 1 ? criterion : "", series: series, mark: nil,
        xTitle: xTitle, yTitle: percentages ? "sparsity" : metric,
        xWords: { significant($0) },
        yWords: { percentages ? percent($0, places: 0) : words($0) },
        hasWholeX: true, isStepped: percentages, emptyWords: "No run is finished yet.")
    }
    return figure(title, subtitle, charts)
  }

  private func figure(_ title: String, _ subtitle: String, _ charts: [any Chart]) -> Figure {
    let rows = table.rows.prefix(40).map {
      "\($0.schedule ?? "untrained") at \(percent($0.ratio)): \(words($0.result.mean))"
    }
    return Figure(
      title: "\(self.title): \(title)", subtitle: subtitle,
      summary: rows.joined(separator: "; ") + ".", charts: charts)
  }
}
