module animaldetect.com/go/animaldetect

go 1.19
