import Documents
import Testing

@testable import Keras

struct DocumentWalkTests {
  /// a/b/data, soft links to it and to nowhere, and a loop.
  var linked: Document {
    var draft = DraftDocument()
    draft.add(numbers(2), at: "a/b/data")
    return draft.document { document in
      document.edit("a") { group in
        group.links += [
          Link(name: "absolute", target: .soft("/a/b/data")),
          Link(name: "dangling", target: .soft("/nowhere")),
          Link(name: "loop", target: .soft("loop")),
          Link(name: "relative", target: .soft("b/./data")),
        ]
        group.links.sort { $0.name < $1.name }
      }
    }
  }

  func outcome(_ path: String) -> String {
    let document = linked
    switch document.resolve(Name(path), from: 0) {
    case .object(let object, let soft):
      return "\(document.kindName(object))\(soft ? " by soft link" : "")"
    case .nothing(let why): return why
    }
  }

  @Test(arguments: [
    ("a/b/data", "a dataset"), ("/a//b/./data", "a dataset"), ("a", "a group"), ("", "a group"),
    ("a/absolute", "a dataset by soft link"), ("a/relative", "a dataset by soft link"),
    ("a/c", "missing"),
    ("a/dangling", "missing: a dangling soft link to '/nowhere'"),
    ("a/loop", "missing: soft links lead in a loop"),
    ("a/b/data/x", "missing: what should hold it is not a group but a dataset"), ("..", "missing"),
  ])
  func resolves(path: String, what: String) { #expect(outcome(path) == what) }

  @Test func naturalOrder() {
    let names: [Name] = [
      "dense_10", "9", "dense", "10", "dense_2", "a1b10", "a1b9", "dense_a", "007", "7",
    ]
    let sorted = names.map { (NaturalOrder(of: $0), $0) }.sorted { $0.0 < $1.0 }.map(\.1)
    #expect(
      sorted == ["007", "7", "9", "10", "a1b9", "a1b10", "dense", "dense_2", "dense_10", "dense_a"])
    #expect(NaturalOrder(of: "99999999999999999999999") < NaturalOrder(of: "a"))
  }

  @Test func indexFindsAliasesAndEndsInCycles() throws {
    var draft = DraftDocument()
    draft.add(numbers(2), at: "m/b/x")
    draft.add(numbers(3), at: "m/a/y")
    let document = draft.document { document in
      let m = document.group(at: "m") ?? 0
      guard case .object(let x, _) = document.resolve("m/b/x", from: 0) else { return }
      document.edit("m/a") { group in
        group.links.insert(Link(name: "self", target: .hard(m)), at: 0)
        group.links.insert(Link(name: "root", target: .hard(0)), at: 0)
        group.links.append(Link(name: "z", target: .hard(x)))
      }
    }
    let index = DatasetIndex(document)
    #expect(index.entries.map(\.path).sorted() == ["m/a/y", "m/a/z"])
    let shared = try #require(index.entries.first { $0.path == "m/a/z" })
    #expect(shared.aliases == ["m/b/x"])
    #expect(index.depth == 2)
  }

  @Test func deepNestingNeedsNoStack() {
    var draft = DraftDocument()
    draft.add(numbers(1), at: (0..<20_000).map { _ in "g" }.joined(separator: "/"))
    let index = DatasetIndex(draft.document())
    #expect(index.depth == 19_999)
    #expect(index.entries.count == 1)
  }
}
