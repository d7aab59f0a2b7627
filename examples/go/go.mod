module animaldetect

go 1.19
