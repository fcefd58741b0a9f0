"""The eight beskedstandarder of KL for the specialised social area, as letters: pure, no I/O and no clock."""
