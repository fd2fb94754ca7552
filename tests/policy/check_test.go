package policy_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// file is one Go file of the tree.
type file struct {
	name   string // slash-separated, from the root
	folder string
	test   bool
	fset   *token.FileSet
	syntax *ast.File
}

// check holds a tree against the policy, and returns how many files it saw and what is wrong with them.
func check(tree fs.FS) (seen int, faults []string, err error) {
	err = fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (unbuilt(d.Name()) || isModule(tree, name)):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		source, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		f := file{name: name, folder: path.Dir(name), test: strings.HasSuffix(name, "_test.go"), fset: token.NewFileSet()}
		if f.syntax, err = parser.ParseFile(f.fset, name, source, parser.ParseComments|parser.SkipObjectResolution); err != nil {
			return err
		}
		seen++
		faults = append(faults, f.faults()...)
		return nil
	})
	return seen, faults, err
}

// unbuilt reports whether the go command leaves a folder of that name alone.
func unbuilt(folder string) bool {
	return folder == "testdata" || folder == "vendor" || folder[0] == '.' || folder[0] == '_'
}

// isModule reports whether a folder is a module of its own.
func isModule(tree fs.FS, folder string) bool {
	_, err := fs.Stat(tree, folder+"/go.mod")
	return err == nil
}

func (f file) faults() []string {
	r, found := find(f.folder)
	if !found {
		return []string{fmt.Sprintf("%s: the folder %s has no row in the import policy", f.name, f.folder)}
	}
	faults := f.imports(r)
	if !r.generated || !ast.IsGenerated(f.syntax) {
		faults = append(faults, f.inits()...)
	}
	if f.folder == "domain" || f.folder == "application" {
		faults = slices.Concat(faults, f.clocks(), f.variables())
	}
	return faults
}

func (f file) fault(n ast.Node, format string, args ...any) string {
	return fmt.Sprintf("%s:%d: %s", f.name, f.fset.Position(n.Pos()).Line, fmt.Sprintf(format, args...))
}

func (f file) imports(r row) []string {
	var faults []string
	for _, spec := range f.syntax.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return append(faults, f.fault(spec, "%v", err))
		}
		if spec.Name != nil && spec.Name.Name == "." {
			faults = append(faults, f.fault(spec, "a dot import of %s hides where names are from", imported))
		}
		if why := f.refuse(r, imported); why != "" {
			faults = append(faults, f.fault(spec, "%s may not import %s: %s", f.folder, imported, why))
		}
	}
	return faults
}

// refuse says why a file may not import a package, or nothing.
func (f file) refuse(r row, imported string) string {
	first, _, _ := strings.Cut(imported, "/")
	switch {
	case imported == "C":
		return "porteiro is built without cgo"
	case below(imported, module):
		folder := strings.TrimPrefix(strings.TrimPrefix(imported, module), "/")
		if folder == r.folder || among(folder, r.down) || f.test && among(folder, slices.Concat(r.tests, stands)) {
			return ""
		}
		return "its row does not have it"
	case !strings.Contains(first, "."): // net/netip is values and no I/O
		if imported != "net/netip" && !f.test && slices.ContainsFunc(r.never, func(p string) bool { return below(imported, p) }) {
			return "this layer does no I/O of its own"
		}
		return ""
	case slices.ContainsFunc(forTests(), func(m string) bool { return below(imported, m) }):
		if f.test {
			return ""
		}
		return "it is for tests"
	}
	for m, home := range homes() {
		if below(imported, m) {
			if among(r.folder, home) {
				return ""
			}
			return "its home is " + strings.Join(home, ", ")
		}
	}
	return "it has no home"
}

// inits finds functions that run by themselves.
func (f file) inits() []string {
	var faults []string
	for _, d := range f.syntax.Decls {
		if d, ok := d.(*ast.FuncDecl); ok && d.Recv == nil && d.Name.Name == "init" {
			faults = append(faults, f.fault(d, "func init()"))
		}
	}
	return faults
}

// clocks finds every mention of time.Now but the one by which the core's constructor has its default.
func (f file) clocks() []string {
	var faults []string
	for _, decl := range f.syntax.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		constructor := ok && f.name == "application/application.go" && fn.Recv == nil && fn.Name.Name == "New"
		var allowed ast.Expr
		ast.Inspect(decl, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				if to, ok := n.Lhs[0].(*ast.SelectorExpr); ok && constructor && len(n.Rhs) == 1 && to.Sel.Name == "Clock" {
					allowed = n.Rhs[0]
				}
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && n != allowed && n.Sel.Name == "Now" && x.Name == f.called("time") {
					faults = append(faults, f.fault(n, "time.Now: a Clock says what time it is"))
				}
			}
			return true
		})
	}
	return faults
}

// called returns by which name the file has a package of the standard library.
func (f file) called(imported string) string {
	for _, spec := range f.syntax.Imports {
		if spec.Path.Value == strconv.Quote(imported) {
			if spec.Name != nil {
				return spec.Name.Name
			}
			return path.Base(imported)
		}
	}
	return ""
}

// variables finds the package's variables, but for errors to compare with, for assertions that a type is a port and for
// text that was embedded.
func (f file) variables() []string {
	var faults []string
	for _, d := range f.syntax.Decls {
		d, ok := d.(*ast.GenDecl)
		if !ok || d.Tok != token.VAR || f.test || embedsText(d) {
			continue
		}
		for _, spec := range d.Specs {
			spec := spec.(*ast.ValueSpec)
			for i, name := range spec.Names {
				if name.Name != "_" && !(strings.HasPrefix(name.Name, "Err") && i < len(spec.Values) && f.made(spec.Values[i])) {
					faults = append(faults, f.fault(name, "the package variable %s could change", name.Name))
				}
			}
		}
	}
	return faults
}

// embedsText reports whether a declaration is of one file as a string; the language has no other word for that.
func embedsText(d *ast.GenDecl) bool {
	embeds := d.Doc != nil && slices.ContainsFunc(d.Doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed ") })
	text, ok := d.Specs[0].(*ast.ValueSpec).Type.(*ast.Ident)
	return embeds && ok && text.Name == "string"
}

// made reports whether an expression is errors.New(…).
func (f file) made(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	fn, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	x, ok := fn.X.(*ast.Ident)
	return ok && fn.Sel.Name == "New" && x.Name == f.called("errors")
}
