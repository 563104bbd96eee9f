// kstatus says what Flux and others that use sigs.k8s.io/cli-utils make of objects: reads JSON, an object or a list, and writes
// a line each: KIND/NAME, status and message, with tabs between.
package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
)

func objects() ([]unstructured.Unstructured, error) {
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		return nil, err
	}
	// Unlike encoding/json, it reads a generation as a whole number.
	var read unstructured.Unstructured
	if err := read.UnmarshalJSON(text); err != nil {
		return nil, err
	}
	if !read.IsList() {
		return []unstructured.Unstructured{read}, nil
	}
	list, err := read.ToList()
	if err != nil {
		return nil, err
	}
	return list.Items, nil
}

func main() {
	list, err := objects()
	if err != nil {
		fmt.Fprintln(os.Stderr, "kstatus: no JSON of an object or a list:", err)
		os.Exit(2)
	}
	for i := range list {
		result, err := status.Compute(&list[i])
		if err != nil {
			fmt.Fprintf(os.Stderr, "kstatus: %s/%s: %v\n", list[i].GetKind(), list[i].GetName(), err)
			os.Exit(1)
		}
		message := strings.ReplaceAll(result.Message, "\n", " ")
		fmt.Printf("%s/%s\t%s\t%s\n", list[i].GetKind(), list[i].GetName(), result.Status, message)
	}
}
